import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ClientProvider, createClient, createTransport } from '../client/index.ts';
import '../kit/theme/base.css';
import { App } from './app.tsx';
import { fetchFirstView } from './routes.tsx';
import { followTheme } from './theme.ts';

followTheme();
fetchFirstView(window.location.pathname);
const root = document.getElementById('root');
if (!root) throw new Error('the page has no element "root"');
createRoot(root).render(
  <StrictMode>
    <ClientProvider client={createClient(createTransport())}>
      <App />
    </ClientProvider>
  </StrictMode>,
);
