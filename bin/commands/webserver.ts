/** `aptmerge webserver`: prints a web server's config for the published tree. */
import { Argument, Command, InvalidArgumentError } from "commander";
import { nginxConfig } from "../../config/webserver/nginx.ts";
import { MergeError } from "../../lib/errors.ts";
import type { Cli } from "../cli.ts";

interface WebserverFlags {
  readonly listen?: readonly string[];
  readonly serverName?: readonly string[];
}

/** Known by the contract; this version writes the first only. */
const SERVERS = ["nginx", "apache", "caddy", "lighttpd"] as const;
type Server = (typeof SERVERS)[number];

const ADDRESS = /^(?:(?:\[[0-9A-Fa-f:.]+\]|\*|[A-Za-z0-9.-]+):)?[0-9]{1,5}$/;
const UNIX_SOCKET = /^unix:\/[A-Za-z0-9/._+-]+$/;
const SERVER_NAME = /^(?:_|(?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)$/;

export function webserverCommand(cli: Cli): Command {
  return new Command("webserver")
    .description("print a web server's config that serves the published tree and redirects each pool prefix to its mirror")
    .addArgument(new Argument("<server>", "which web server").choices(SERVERS))
    .option(
      "--listen <address>",
      "port, address:port, [v6]:port or unix:/path; repeat for several (default: 80)",
      collect(isAddress, "an address"),
    )
    .option("--server-name <name>", "host name that clients use; repeat for several (default: all)", collect(isServerName, "a host name"))
    .addHelpText(
      "after",
      `
Examples:
  aptmerge webserver nginx > /etc/nginx/sites-enabled/aptmerge
  aptmerge webserver nginx --listen 80 --listen '[::]:80' --server-name mirror.example
`,
    )
    .action((server: Server, flags: WebserverFlags) => webserver(cli, server, flags));
}

async function webserver(cli: Cli, server: Server, flags: WebserverFlags): Promise<void> {
  if (server !== "nginx") {
    throw new MergeError(
      "USAGE",
      `Cannot print a config for "${server}": this version writes nginx configs only, the server must be "nginx"`,
    );
  }
  const settings = await cli.settings();
  cli.print(nginxConfig(settings, { listen: flags.listen ?? ["80"], serverNames: flags.serverName ?? ["_"] }));
}

const isAddress = (text: string): boolean => UNIX_SOCKET.test(text) || (ADDRESS.test(text) && Number(/\d+$/.exec(text)?.[0]) <= 65535);
const isServerName = (text: string): boolean => text.length <= 253 && SERVER_NAME.test(text);

/** Both become words of the config, where a semicolon would end the line: only what is plainly such a word passes. */
function collect(fits: (text: string) => boolean, wanted: string): (text: string, before?: readonly string[]) => readonly string[] {
  return (text, before = []) => {
    if (!fits(text)) throw new InvalidArgumentError(`It must be ${wanted}.`);
    return [...before, text];
  };
}
