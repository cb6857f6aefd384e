// Which challenge comes next? SRP, the password, a CAPTCHA and a security question, each once: the first that fails is the end.
// In the older style of AWS's guide (Define auth challenge Lambda trigger): CommonJS and a callback.

exports.handler = (event, context, callback) => {
  const { session } = event.request;
  const last = session[session.length - 1];
  event.response.issueTokens = false;
  event.response.failAuthentication = false;
  if (session.length == 1 && last.challengeName == 'SRP_A') {
    event.response.challengeName = 'PASSWORD_VERIFIER';
  } else if (session.length == 2 && last.challengeName == 'PASSWORD_VERIFIER' && last.challengeResult == true) {
    event.response.challengeName = 'CUSTOM_CHALLENGE';
  } else if (session.length == 3 && last.challengeName == 'CUSTOM_CHALLENGE' && last.challengeResult == true) {
    event.response.challengeName = 'CUSTOM_CHALLENGE';
  } else if (session.length == 4 && last.challengeName == 'CUSTOM_CHALLENGE' && last.challengeResult == true) {
    event.response.issueTokens = true;
  } else {
    event.response.failAuthentication = true;
  }
  callback(null, event);
};
