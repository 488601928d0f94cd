import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tempFolder } from './temp.ts';

export interface Certificate {
  readonly key: string;
  /** Its own authority: trusted as such, self-signed to everybody else. */
  readonly cert: string;
}

/** A certificate for 127.0.0.1 and localhost, made anew: no private key is kept with the tests. */
export function makeCertificate(): Certificate {
  using folder = tempFolder('tls');
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
  const files = ['-keyout', folder.at('key.pem'), '-out', folder.at('cert.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
  execFileSync('openssl', ['req', '-x509', ...kind, ...subject, ...files], { stdio: 'ignore' });
  return { key: readFileSync(folder.at('key.pem'), 'utf8'), cert: readFileSync(folder.at('cert.pem'), 'utf8') };
}
