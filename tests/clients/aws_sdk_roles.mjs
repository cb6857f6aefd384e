/** Does the AWS SDK for JavaScript assume roles? By a profile, as in ~/.aws/config: it asks sts by itself, and signs with what it got. */

import assert from 'node:assert/strict';

import * as cognito from '@aws-sdk/client-cognito-identity-provider';
import { fromIni, fromTemporaryCredentials } from '@aws-sdk/credential-providers';

import { facts, refused, report } from './story.mjs';

process.env.AWS_CONFIG_FILE = facts.configFile;
process.env.AWS_ENDPOINT_URL = facts.endpoint;

const { region, poolId } = facts;
const as = (profile) => new cognito.CognitoIdentityProvider({ region, profile });
const denial = (who, action, resource) =>
  `User: ${who} is not authorized to perform: cognito-idp:${action} on resource: ${resource} ` +
  `because no identity-based policy allows the cognito-idp:${action} action`;

const support = as('support');
const described = await support.describeUserPool({ UserPoolId: poolId });
assert.equal(described.UserPool.Id, poolId);
const session = `arn:aws:sts::000000000000:assumed-role/support/in-javascript`;
await refused(
  support.deleteUserPool({ UserPoolId: poolId }),
  'AccessDeniedException',
  denial(session, 'DeleteUserPool', described.UserPool.Arn),
);

const limited = as('limited');
const denied = await refused(
  limited.listUserPools({ MaxResults: 1 }),
  'AccessDeniedException',
  denial(facts.userArn, 'ListUserPools', '*'),
);
assert.equal(denied.$fault, 'client');
assert.equal(denied.$metadata.httpStatusCode, 400);

// The same role without a profile: by its ARN, with a session policy and a name of its own, signed with the user's key.
const narrow = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: 'cognito-idp:ListUserPools', Resource: '*' },
});
const assuming = (Policy) =>
  new cognito.CognitoIdentityProvider({
    region,
    credentials: fromTemporaryCredentials({
      masterCredentials: fromIni({ profile: 'limited' }),
      clientConfig: { region },
      params: { RoleArn: facts.roleArn, RoleSessionName: 'by-itself', DurationSeconds: 900, ...(Policy ? { Policy } : {}) },
    }),
  });
const whole = assuming();
assert.equal((await whole.describeUserPool({ UserPoolId: poolId })).UserPool.Id, poolId);
await refused(
  assuming(narrow).describeUserPool({ UserPoolId: poolId }),
  'AccessDeniedException',
  `User: arn:aws:sts::000000000000:assumed-role/support/by-itself is not authorized to perform: cognito-idp:DescribeUserPool ` +
    `on resource: ${described.UserPool.Arn} because no session policy allows the cognito-idp:DescribeUserPool action`,
);

const credentials = await support.config.credentials();
report({ accessKeyId: credentials.accessKeyId, expires: credentials.expiration });
