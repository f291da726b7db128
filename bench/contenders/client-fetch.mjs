// The global fetch of this Node.
import { answerCalls } from "../harness/client-calls.mjs";

const headers = { accept: "application/json", authorization: "Bearer demo-token" };

answerCalls(({ origin }) => async () => {
  const response = await fetch(`${origin}/v2/user/profile`, { headers });
  return (await response.json()).data.user_name;
});
