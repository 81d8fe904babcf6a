/** The command line: argv in, exit status out. bin/aptmerge starts it with a Node that is new enough. */
import { enableCompileCache } from "node:module";

// Types are stripped and code is compiled once, not in every run from cron.
enableCompileCache();

const { main } = await import("./main.ts");
await main(process.argv);
