-- Asks the service through the listener of haproxy.cfg, and leaves what it heard in variables of the request.
local function ask(txn)
  local headers = {
    ['x-gateway-key'] = { txn:get_var('txn.app_password_key') },
    ['x-protocol'] = { txn:get_var('txn.app_password_protocol') },
    ['x-client-address'] = { txn.sf:src() },
  }
  local authorization = txn.sf:req_fhdr('authorization')
  if authorization ~= '' then
    headers['authorization'] = { authorization }
  end
  local answer = core.httpclient():get {
    url = 'http://app-passwords/api/verify',
    dst = 'ipv4@127.0.0.1:1003',
    headers = headers,
  }
  txn:set_var('txn.app_password_status', answer.status or 503)
  for variable, header in pairs { user = 'x-auth-user', challenge = 'www-authenticate' } do
    local values = answer.headers and answer.headers[header]
    if values then
      txn:set_var('txn.app_password_' .. variable, values[0])
    end
  end
end

core.register_action('app-password', { 'http-req' }, ask)
