/** How does the page come to the store? By credentials of the identity pool, which the AWS SDK or Amplify gets. */

import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { fromCognitoIdentityPool } from '@aws-sdk/credential-providers';
import { Amplify } from 'aws-amplify';
import { fetchAuthSession } from 'aws-amplify/auth';

const {
  APP_ENDPOINT: endpoint, APP_REGION: region, APP_POOL_ID: userPoolId, APP_CLIENT_ID: userPoolClientId,
  APP_IDENTITY_POOL_ID: identityPoolId, APP_STORE: store, APP_BUCKET: Bucket,
} = import.meta.env;

Amplify.configure({
  Auth: {
    Cognito: {
      userPoolId,
      userPoolClientId,
      userPoolEndpoint: endpoint,
      identityPoolId,
      identityPoolEndpoint: endpoint,
      allowGuestAccess: false,
    },
  },
});

const CREDENTIALS = {
  amplify: async () => (await fetchAuthSession()).credentials,
  sdk: async () => {
    const { tokens } = await fetchAuthSession();
    const logins = { [`cognito-idp.${region}.amazonaws.com/${userPoolId}`]: tokens.idToken.toString() };
    return fromCognitoIdentityPool({ clientConfig: { endpoint, region }, identityPoolId, logins })();
  },
};

export async function identityOf() {
  return (await fetchAuthSession()).identityId;
}

/** Return the store for whoever is signed in; their files are below the id of their identity. */
export async function storeBy(way) {
  const credentials = await CREDENTIALS[way]();
  const s3 = new S3Client({ endpoint: store, region, credentials, forcePathStyle: true });
  const own = `${await identityOf()}/`;
  return {
    async put(name, text) {
      await s3.send(new PutObjectCommand({ Bucket, Key: own + name, Body: text }));
      return own + name;
    },
    async get(key) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: key }));
      return Body.transformToString();
    },
    async list() {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: own }));
      return Contents.map(({ Key }) => Key.slice(own.length));
    },
  };
}
