/** The command line: argv in, exit status out. bin/aptmerge starts it with a Node that is new enough. */
import "./compile-cache.js";

const { main } = await import("./main.ts");
await main(process.argv);
