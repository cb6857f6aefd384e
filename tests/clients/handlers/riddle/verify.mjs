// Is the answer right? The client's metadata comes along with an answer, and a hint in it makes any answer a wrong one.

export const handler = async (event) => {
  const { privateChallengeParameters, challengeAnswer, clientMetadata } = event.request;
  event.response.answerCorrect = challengeAnswer === privateChallengeParameters.answer && !clientMetadata?.hint;
  return event;
};
