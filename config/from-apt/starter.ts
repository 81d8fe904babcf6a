/** The config that plain `init` writes: two mirrors to be replaced by real ones. */
import { CONFIG_HEAD, CONFIG_TAIL } from "./config-frame.ts";

export const STARTER_CONFIG = `# Config of aptmerge. Replace the two mirrors by yours.
${CONFIG_HEAD}
# Where packages come from. Each archive is one mirror; give several URLs of the same archive as a list, they are tried in order.
mirrors:
  base:
    url: http://base.example/debian
    signed-by: /usr/share/keyrings/debian-archive-keyring.gpg    # only these keys may sign it
    pool: BASE                  # put into package paths, so that each can be redirected to its mirror
  overlay:
    url: https://overlay.example/debian
    signed-by: /usr/share/keyrings/debian-archive-keyring.gpg
    pool: OVERLAY
    # check-valid-until: false  # only for archives that are known to be frozen
    # on-failure: cached        # hold: the suite keeps its last state · cached: merge the mirror's last state · skip: leave it out until
    #                             it first answers

# What clients see: deb [signed-by=KEY] http://THIS-SERVER/ stable main
suites:
  stable:
    from:                       # MIRROR/SUITE, highest priority first
      - overlay/stable
      - base/stable
      # other components than below:  { mirror: base, suite: stable, components: { main: main } }
      # an archive without dists/:    { mirror: vendor, suite: ./, component: main }
    components: [main]
    architectures: [amd64, source]
    indices: [packages, sources, translation]
    release:                    # how the merged suite introduces itself
      Origin: Example
      Label: Example
      Suite: stable
      Codename: stable
      Description: Packages of base with those of overlay on top
    # valid-for: 7d             # clients refuse the suite when it is older; needs a merge every few days

policy:
  winner: priority              # the first mirror that has a package wins · newest: the highest version wins · all: every version
  # pin:                        # a named mirror wins, whatever the order
  #   - { package: "hello*", mirror: base }
  # ban:                        # never merged, and what needs it neither
  #   - { package: telnetd, reason: not here }
${CONFIG_TAIL}`;
