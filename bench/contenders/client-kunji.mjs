// Our client, as a program uses it.
import { UpstoxClient } from "@kunji/client";
import { answerCalls } from "../harness/client-calls.mjs";

answerCalls(({ port }) => {
  const configuration = new UpstoxClient.Configuration({ host: `http://127.0.0.1:${port}`, accessToken: "demo-token" });
  const user = new UpstoxClient.UserApi(new UpstoxClient.ApiClient(configuration));
  return async () => (await user.getProfile("2.0")).data.userName;
});
