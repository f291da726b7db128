// Our client, as a program uses it.
import { UpstoxClient } from "@kunji/client";
import { answerCalls } from "../harness/client-calls.mjs";

answerCalls(({ origin }) => {
  const configuration = new UpstoxClient.Configuration({ host: origin, accessToken: "demo-token" });
  const user = new UpstoxClient.UserApi(new UpstoxClient.ApiClient(configuration));
  return async () => (await user.getProfile("2.0")).data.userName;
});
