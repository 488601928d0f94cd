import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ClientProvider, createClient, createTransport, withUnlock } from '../client/index.ts';
import { useUnlock } from '../kit/index.ts';
import '../kit/theme/base.css';
import { App } from './app.tsx';
import { fetchFirstView } from './routes.tsx';
import { followTheme } from './theme.ts';

followTheme();
const root = document.getElementById('root');
if (!root) throw new Error('the page has no element "root"');
const client = withUnlock(createClient(createTransport()), () => useUnlock.getState().ask());
fetchFirstView(window.location.pathname, client);
createRoot(root).render(
  <StrictMode>
    <ClientProvider client={client}>
      <App />
    </ClientProvider>
  </StrictMode>,
);
