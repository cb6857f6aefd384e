// Is the answer right? In the older style of AWS's guide (Verify auth challenge response Lambda trigger).

exports.handler = (event, context, callback) => {
  event.response.answerCorrect = event.request.privateChallengeParameters.answer == event.request.challengeAnswer;
  callback(null, event);
};
