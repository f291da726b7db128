// The official SDK, unmodified.
import UpstoxClient from "upstox-js-sdk";
import { answerCalls } from "../harness/client-calls.mjs";

answerCalls(({ origin }) => {
  const client = UpstoxClient.ApiClient.instance;
  client.basePath = origin;
  client.authentications.OAUTH2.accessToken = "demo-token";
  const user = new UpstoxClient.UserApi();
  return () =>
    new Promise((resolve, reject) => {
      user.getProfile("2.0", (error, data) => (error ? reject(error) : resolve(data.data.userName)));
    });
});
