import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { deb, newWorld, upstream } from "../support/world.ts";

const md5 = (text: string): string => createHash("md5").update(`${text}\n`).digest("hex");

const entry = (name: string, text: string, language = "en", own = text): string =>
  `Package: ${name}\nDescription-md5: ${md5(text)}\nDescription-${language}: ${own}\n`;

const short = (name: string, text: string, version = "1.0"): ReturnType<typeof deb> => ({
  ...deb(name, version),
  ...{ Description: text.split("\n")[0], "Description-md5": md5(text) },
});

const SUITES = { suites: { merged: { from: ["overlay/stable", "base/stable"], components: ["main"], architectures: ["amd64"] } } };

test("translation: entries of the winners, from whichever mirror has them; those of losers stay out", async (t) => {
  const world = await newWorld(
    t,
    {
      overlay: upstream()
        .deb(short("forked", "ours\n our text", "2"))
        .deb(short("rebuilt", "the same\n as ever", "2"))
        .index("main/i18n/Translation-en", entry("forked", "ours\n our text")),
      base: upstream()
        .deb(short("forked", "theirs\n their text"))
        .deb(short("rebuilt", "the same\n as ever"))
        .deb(short("alone", "alone\n in base"))
        .index(
          "main/i18n/Translation-en",
          [
            entry("alone", "alone\n in base"),
            entry("forked", "theirs\n their text"),
            entry("gone", "gone\n long ago"),
            entry("rebuilt", "the same\n as ever"),
          ].join("\n"),
        ),
    },
    SUITES,
  );
  const { exit, problems } = await world.run();
  assert.equal(exit, 0, JSON.stringify(problems));
  const text = await world.text("main/i18n/Translation-en");
  assert.equal(
    text,
    [entry("alone", "alone\n in base"), entry("forked", "ours\n our text"), entry("rebuilt", "the same\n as ever")]
      .map((one) => `${one}\n`)
      .join(""),
  );
});
