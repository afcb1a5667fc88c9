/** HTTP Basic (RFC 7617) of what nginx mail hands on, which escapes spaces, percent signs and control characters. */
function basic(request) {
  const headers = request.headersIn;
  const pair = `${decode(headers['Auth-User'])}:${decode(headers['Auth-Pass'])}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

function decode(text) {
  return (text || '').replace(/%[0-9A-Fa-f]{2}/g, (escaped) =>
    String.fromCharCode(parseInt(escaped.slice(1), 16)),
  );
}

export default { basic };
