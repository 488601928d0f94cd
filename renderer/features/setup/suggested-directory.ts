const PRACTICE_FILE = /[\\/]sandbox[\\/][^\\/]+$/;

/** `config` in the data folder, where the next start looks by itself; empty until the practice file's place is known. */
export function suggestedDirectory(practiceFile: string | undefined): string {
  if (practiceFile === undefined || !PRACTICE_FILE.test(practiceFile)) return '';
  const separator = practiceFile.includes('/') ? '/' : '\\';
  return `${practiceFile.replace(PRACTICE_FILE, '')}${separator}config`;
}
