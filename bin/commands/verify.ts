/** `aptmerge verify`: proves a published tree from its own files. */
import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { Command } from "commander";
import { MergeError } from "../../lib/errors.ts";
import type { Cli } from "../cli.ts";
import { DEMO_FOLDER } from "../demo-folder.ts";

interface VerifyFlags {
  readonly withApt?: boolean;
  readonly keyring?: string;
}

export function verifyCommand(cli: Cli): Command {
  return new Command("verify")
    .description("prove a published tree: signatures, every listed size and digest, by-hash, stanzas, sources")
    .argument("[dir]", `the tree (default: output of the config; without a config ./${DEMO_FOLDER})`)
    .option("--with-apt", "also run a real apt-get update on it in a throw-away root")
    .option("--keyring <file>", "keys that must have signed it (default: key.asc in the tree)")
    .addHelpText("after", "\nExamples:\n  aptmerge verify\n  aptmerge verify /srv/aptmerge --with-apt\n")
    .action((dir: string | undefined, flags: VerifyFlags) => verify(cli, dir, flags));
}

async function verify(cli: Cli, dir: string | undefined, flags: VerifyFlags): Promise<void> {
  const tree = await treeOf(cli, dir);
  const { createCompressor } = await import("../../lib/io/compressor.ts");
  const { openFolder } = await import("../../lib/io/disk-folder.ts");
  const { OpenpgpChecker } = await import("../../lib/io/openpgp-checker.ts");
  const { listPublishedSuites, verifyPublishedSuite } = await import("../../lib/verify/published-suite.ts");
  const { checkTreeShape } = await import("../../lib/io/tree-shape.ts");
  const { readInputs } = await import("../../lib/state/inputs-record.ts");
  const { verifyByHashFiles } = await import("../../lib/verify/by-hash-files.ts");
  const { checkInputs, checkPublishedDates, checkSuiteInputs } = await import("../../lib/verify/published-facts.ts");
  const { verifyPublishedIndices } = await import("../../lib/verify/published-indices.ts");

  const shape = await checkTreeShape(tree);
  for (const problem of shape.problems) cli.tell(problem);
  const dists = await openFolder(await realpath(join(tree, "dists")), { forReading: true });
  const key = flags.keyring === undefined ? join(tree, "key.asc") : resolve(cli.cwd, flags.keyring);
  const keyring = existsSync(key) ? { files: [await realpath(key)], pins: [] } : undefined;
  if (keyring === undefined)
    throw new MergeError("TREE_UNSOUND", `Cannot verify "${tree}": there is no ${key}, the keys that signed the tree must be known`, {
      file: key,
    });
  const suites = await listPublishedSuites(dists);
  if (suites.length === 0)
    throw new MergeError("TREE_UNSOUND", `Cannot verify "${tree}": there is no suite below dists, at least one must be published`, {
      file: tree,
    });
  const home = await realpath(shape.generation === undefined ? tree : join(tree, "current"));
  const inputs = await readInputs(await openFolder(dirname(home), { forReading: true }), basename(home));
  await checkInputs(inputs, shape.generation, suites, dists);
  const compressor = createCompressor();
  const world = { signatures: new OpenpgpChecker(), now: cli.now };
  for (const suite of suites) {
    const published = await verifyPublishedSuite(dists, suite, keyring, world);
    checkPublishedDates(published.release, suite, cli.now);
    await verifyByHashFiles(dists, suite);
    const { indices, problems } = await verifyPublishedIndices(dists, suite, published, compressor);
    await checkSuiteInputs(inputs, suite, published.release, indices, dists);
    for (const problem of problems) cli.tell(problem);
    const stanzas = indices.reduce((sum, index) => sum + (index.stanzas ?? 0), 0);
    cli.print(
      `${suite}: ${published.files.size} files, ${indices.length} indices with ${stanzas} stanzas, signed by ${published.signedBy.join(", ")}\n`,
    );
    for (const { path, stanzas: count } of indices)
      if (cli.verbose) cli.print(`  ${path}${count === undefined ? "" : `: ${count} stanzas`}\n`);
    if (flags.withApt) {
      const { updateWithApt } = await import("../../lib/io/apt-update.ts");
      await updateWithApt({ tree: await realpath(tree), keyring: keyring.files[0] ?? key, suite, release: published.release });
      cli.print(`${suite}: apt-get update reads it without complaint\n`);
    }
  }
  cli.print("The tree is sound\n");
}

async function treeOf(cli: Cli, dir: string | undefined): Promise<string> {
  let tree = dir === undefined ? undefined : resolve(cli.cwd, dir);
  if (tree === undefined && cli.configPath() !== undefined) tree = (await cli.settings()).output;
  tree ??= resolve(cli.cwd, DEMO_FOLDER);
  if (!existsSync(join(tree, "dists"))) {
    const text = `Cannot verify "${tree}": there is no folder dists in it, it must be a published tree`;
    throw new MergeError("TREE_UNSOUND", text, { file: tree });
  }
  return tree;
}
