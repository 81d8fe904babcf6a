import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { freePort, startNginx } from "./nginx.ts";

test("nginx serves a folder of the test, writes its log and is gone afterwards", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "nginx-test-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "file"), "content", { mode: 0o600 });
  const port = await freePort();
  const nginx = await startNginx(t, `server { listen 127.0.0.1:${port}; root ${folder}; }`, { port });
  if (nginx === undefined) return;
  const answer = await fetch(`${nginx.url}/file`);
  assert.deepEqual([answer.status, await answer.text()], [200, "content"]);
  assert.equal((await fetch(`${nginx.url}/absent`)).status, 404);
  assert.deepEqual(
    (await nginx.accessLog()).map((line) => /"(.*?)" (\d+)/.exec(line)?.slice(1)),
    [
      ["GET /file HTTP/1.1", "200"],
      ["GET /absent HTTP/1.1", "404"],
    ],
  );
  await nginx.stop();
  await assert.rejects(fetch(`${nginx.url}/file`));
});

test("a config that nginx refuses is told in its own words", async (t) => {
  await assert.rejects(startNginx(t, "server { nonsense on; }", { port: await freePort() }), /unknown directive "nonsense"/);
});
