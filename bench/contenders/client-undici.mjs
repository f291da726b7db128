// undici by itself, with its pool: the fastest HTTP client there is for Node.
import { Pool } from "undici";
import { answerCalls } from "../harness/client-calls.mjs";

const headers = { accept: "application/json", authorization: "Bearer demo-token" };

answerCalls(({ origin }) => {
  const pool = new Pool(origin);
  return async () => {
    const { body } = await pool.request({ path: "/v2/user/profile", method: "GET", headers });
    return (await body.json()).data.user_name;
  };
});
