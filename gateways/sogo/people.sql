-- Who there is, for SOGo: c_uid is the username that the service knows.
CREATE VIEW people AS
  SELECT 'alice@example.com' AS c_uid, 'alice@example.com' AS c_name, '!' AS c_password,
         'Alice' AS c_cn, 'alice@example.com' AS mail;
