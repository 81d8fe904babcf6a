/** What every config that `init` writes begins and ends with. Relative paths are relative to the config. */
export const CONFIG_HEAD = `# Check it with: aptmerge --config THIS-FILE check

state: state                    # downloads, trust records, caches, reports of runs; needs room for all indices
output: output                  # the published tree: let a web server serve this folder (aptmerge webserver nginx)
overrides: indices              # override files: section, priority and further fields of packages

# Every key signs. Clients need the public part, which is published as key.asc.
sign:
  - key: signing-key.asc
    passphrase: \${APTMERGE_PASSPHRASE:-}    # from the environment; the key that init makes has none
`;

export const CONFIG_TAIL = `  max-shrink: 20%               # a suite that loses more of its packages at once is held (exit status 9)

publish:
  by-hash: { keep: 3d }         # how long clients in the middle of an update find the files of before
  generations: 10               # states kept on disk
`;
