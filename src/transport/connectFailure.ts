// Why a WebSocket could not be had, in words: what the network, the certificate or the HTTP answer say, and the way out.

import { ConnectError } from '../errors.js';

/** The error for an answer that is no upgrade. `hasToken`: whether the request carried one. */
export function upgradeRefused(
  url: string,
  status: number,
  { hasToken }: { readonly hasToken: boolean },
): ConnectError {
  const refused = `${url} refused the connection`;
  if (status === 401 && hasToken) {
    return new ConnectError('authenticate', url, `${refused}: the token is not the one that it wants (HTTP 401)`, {
      hint: 'a token comes from --token-file, from the definition of the remote, or from CODEX_EXEC_SERVER_CONNECTION_TOKEN',
    });
  }
  if (status === 401) {
    return new ConnectError('authenticate', url, `${refused}: a token is needed (HTTP 401)`, {
      hint: 'pass the token with --token-file FILE or in CODEX_EXEC_SERVER_CONNECTION_TOKEN',
    });
  }
  if (status === 403) {
    return new ConnectError('authenticate', url, `${refused} (HTTP 403)`, {
      hint: 'a server that is reached by another name or port than its own (a tunnel, a proxy) has to allow it: --allow-host',
    });
  }
  if (status >= 300 && status < 400) {
    const message = `${url} answered with a redirect (HTTP ${status}), which is never followed`;
    return new ConnectError('connect', url, message);
  }
  return new ConnectError('connect', url, `${url} is a web server but not an exec-server (HTTP ${status})`);
}

/** The error for a connection that failed by `cause` before there was an answer. */
export function connectFailed(url: string, cause: Error, timeoutMs: number): ConnectError {
  const { code } = cause as NodeJS.ErrnoException;
  const certificate = certificateProblem(code, cause.message);
  if (certificate !== undefined) {
    const hint = certificate.isUnknown
      ? 'NODE_EXTRA_CA_CERTS=FILE makes the authority in FILE a trusted one, if it is yours'
      : undefined;
    return new ConnectError('connect', url, `cannot trust ${url}: ${certificate.text}`, { cause, hint });
  }
  const hint = isWrongPlace(code)
    ? 'is the server running there? `codexfs remotes` says where an address comes from'
    : undefined;
  return new ConnectError('connect', url, `cannot connect to ${url}: ${problemOf(code, cause, timeoutMs)}`, {
    cause,
    hint,
  });
}

function isWrongPlace(code: string | undefined): boolean {
  return code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN';
}

function problemOf(code: string | undefined, cause: Error, timeoutMs: number): string {
  if (code === 'ECONNREFUSED') return 'nothing listens there (connection refused)';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'no such host';
  if (/handshake has timed out/.test(cause.message)) return `no answer for ${timeoutMs / 1000} s`;
  if (code === 'EPROTO' || code?.startsWith('ERR_SSL_')) return 'what answers there does not speak TLS';
  if (code === 'ECONNRESET' || /socket hang up/.test(cause.message)) {
    return 'the connection was closed before it was a WebSocket';
  }
  if (code?.startsWith('HPE_')) return 'what answers there does not speak HTTP';
  return cause.message;
}

/** The codes are OpenSSL's and Node's: nodejs.org/api/tls.html, "X509 certificate error codes". */
function certificateProblem(
  code: string | undefined,
  message: string,
): { readonly text: string; readonly isUnknown: boolean } | undefined {
  switch (code) {
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return { text: 'its certificate is from an unknown authority', isUnknown: true };
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return { text: 'its certificate is signed by itself', isUnknown: true };
    case 'CERT_HAS_EXPIRED':
      return { text: 'its certificate has expired', isUnknown: false };
    case 'CERT_NOT_YET_VALID':
      return { text: 'its certificate is not valid yet', isUnknown: false };
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return { text: 'its certificate is for another name', isUnknown: false };
    default:
      return code?.startsWith('CERT_') ? { text: message, isUnknown: false } : undefined;
  }
}
