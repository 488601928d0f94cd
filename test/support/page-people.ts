import type { Locator, Page } from 'playwright-core';

/** Of every practice operator in the sandbox. */
export const PRACTICE = 'practice';

export const view = (page: Page, name: string): Locator =>
  page.getByRole('navigation').getByRole('link', { name, exact: true });

/** The chip in the status bar that says who has unlocked the console. */
export const who = (page: Page): Locator => page.locator('footer').getByRole('button', { name: /unlocked/ });

export const lockedChip = (page: Page): Locator =>
  page.locator('footer').getByRole('button', { name: 'locked', exact: true });

export const unlockDialog = (page: Page): Locator => page.getByRole('dialog', { name: 'Unlock' });

export const passphrase = (page: Page): Locator => page.getByRole('textbox', { name: 'Passphrase', exact: true });

export async function lockConsole(page: Page): Promise<void> {
  await who(page).click();
  await page.getByRole('menuitem', { name: 'Lock now' }).click();
  await lockedChip(page).waitFor();
}

/** Unlocks a locked console as one of the people who have a key on it. */
export async function unlockAs(page: Page, name: string, words: string): Promise<void> {
  await lockedChip(page).click();
  await passphrase(page).waitFor();
  const choice = unlockDialog(page).getByRole('radio', { name });
  if ((await choice.count()) > 0) await choice.check();
  await passphrase(page).fill(words);
  await page.keyboard.press('Enter');
  await who(page).waitFor();
}

/** Whoever is there locks, and another practice operator unlocks. */
export async function becomes(page: Page, name: string): Promise<void> {
  await lockConsole(page);
  await unlockAs(page, name, PRACTICE);
  await page
    .locator('footer')
    .getByRole('button', { name: new RegExp(name, 'i') })
    .waitFor();
}
