// What do the triggers of the benchmarks decide? The same as riddle.py, in Node.

const ANSWER = "an echo";
const claims = { claimsToAddOrOverride: { plan: "gold" } };

const triggers = {
  DefineAuthChallenge: ({ session }) => {
    const solved = session.some((turn) => turn.challengeResult);
    return {
      challengeName: solved ? null : "CUSTOM_CHALLENGE",
      issueTokens: solved,
      failAuthentication: false,
    };
  },
  CreateAuthChallenge: () => ({
    publicChallengeParameters: { riddle: "?" },
    privateChallengeParameters: { answer: ANSWER },
  }),
  VerifyAuthChallengeResponse: ({ challengeAnswer, privateChallengeParameters }) => ({
    answerCorrect: challengeAnswer === privateChallengeParameters.answer,
  }),
  TokenGeneration: () => ({
    claimsAndScopeOverrideDetails: { idTokenGeneration: claims, accessTokenGeneration: claims },
  }),
};

export async function handler(event) {
  const decide = triggers[event.triggerSource.split("_")[0]];
  return { ...event, response: decide ? decide(event.request) : {} };
}
