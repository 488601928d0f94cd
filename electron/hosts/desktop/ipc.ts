import { ipcMain, type IpcMainEvent, type WebContents } from 'electron';
import type { Connection } from '../../rpc/connection.ts';
import type { Dispatcher } from '../../rpc/dispatcher.ts';
import type { Disposable, Log } from '../../services/ports.ts';
import type { PersonSession } from '../../services/operators/api.ts';
import { CHANNEL, isOurs } from './origin.ts';

/**
 * Frames between the page and the dispatcher. Only the main frame of a page of ours is listened to. Each load of the
 * page marks its frames with an id of its own: with a new one, the connection of the page before it is closed.
 */
export function serveIpc(dispatcher: Dispatcher, person: PersonSession, log: Log): Disposable {
  const pages = new Map<WebContents, { mark: string; connection: Connection }>();

  const leave = (contents: WebContents) => {
    pages.get(contents)?.connection.close();
    pages.delete(contents);
  };

  const enter = (contents: WebContents, mark: string): Connection => {
    const known = pages.get(contents);
    if (known?.mark === mark) return known.connection;
    if (known === undefined) {
      contents.once('destroyed', () => leave(contents));
      contents.on('render-process-gone', () => leave(contents));
    }
    leave(contents);
    const connection = dispatcher.open({ person, host: 'desktop' }, (frame) => {
      if (!contents.isDestroyed()) contents.send(CHANNEL, mark, JSON.stringify(frame));
    });
    pages.set(contents, { mark, connection });
    return connection;
  };

  const onFrame = (event: IpcMainEvent, mark: unknown, text: unknown) => {
    const { sender, senderFrame } = event;
    if (senderFrame === null || senderFrame !== sender.mainFrame || !isOurs(senderFrame.url)) {
      log.warn('desktop.foreign-frame');
      return;
    }
    if (typeof mark !== 'string' || mark === '' || mark.length > 64) return;
    enter(sender, mark).receive(text);
  };

  ipcMain.on(CHANNEL, onFrame);
  return {
    dispose() {
      ipcMain.off(CHANNEL, onFrame);
      for (const contents of [...pages.keys()]) leave(contents);
    },
  };
}
