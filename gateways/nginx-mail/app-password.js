/** HTTP Basic (RFC 7617) of what nginx mail hands on, which escapes spaces, percent signs and control characters. */
function basic(request) {
  const headers = request.headersIn;
  const pair = `${decode(headers['Auth-User'])}:${decode(headers['Auth-Pass'])}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** The person's one username, for SMTP as xtext (RFC 3461 section 4), as nginx puts it into XCLIENT as it is. */
function login(request) {
  const username = request.variables.app_password_user || '';
  if (request.headersIn['Auth-Protocol'] !== 'smtp') return username;
  return username.replace(/[+=]/g, (character) => (character === '+' ? '+2B' : '+3D'));
}

function decode(text) {
  return (text || '').replace(/%[0-9A-Fa-f]{2}/g, (escaped) =>
    String.fromCharCode(parseInt(escaped.slice(1), 16)),
  );
}

export default { basic, login };
