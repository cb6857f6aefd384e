// What is asked? A CAPTCHA after the password, then a security question.
// In the older style of AWS's guide (Create auth challenge Lambda trigger): CommonJS and a callback.

const challenges = {
  2: { shown: { captchaUrl: 'url/123.jpg' }, answer: '5', metadata: 'CAPTCHA_CHALLENGE' },
  3: { shown: { securityQuestion: 'Who was the first programmer?' }, answer: 'Ada', metadata: 'QUESTION_CHALLENGE' },
};

exports.handler = (event, context, callback) => {
  if (event.request.challengeName == 'CUSTOM_CHALLENGE') {
    const { shown, answer, metadata } = challenges[event.request.session.length];
    event.response.publicChallengeParameters = shown;
    event.response.privateChallengeParameters = { answer };
    event.response.challengeMetadata = metadata;
  }
  callback(null, event);
};
