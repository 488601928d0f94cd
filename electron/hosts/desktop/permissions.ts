import type { App, Session, WebContents } from 'electron';
import { isOurs } from './origin.ts';

/** The page asks for nothing and reaches nothing but itself: no permission, device, download or remote request. */
export function lockSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.on('will-download', (event) => event.preventDefault());
  session.webRequest.onBeforeRequest(({ url }, answer) => {
    // The developer tools are part of the program, and load themselves.
    answer({ cancel: !isOurs(url) && !url.startsWith('devtools://') });
  });
}

/** Every page that is ever made, whoever makes it: it stays where it is, opens nothing and embeds nothing. */
export function lockContents(app: App): void {
  app.on('web-contents-created', (_event, contents: WebContents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.on('will-navigate', (event) => {
      if (!isOurs(event.url)) event.preventDefault();
    });
    contents.on('will-frame-navigate', (event) => {
      if (!event.isMainFrame || !isOurs(event.url)) event.preventDefault();
    });
    contents.on('will-redirect', (event) => {
      if (!isOurs(event.url)) event.preventDefault();
    });
  });
}
