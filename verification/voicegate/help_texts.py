"""What `voicegate --help` says around its options: what the gate is for, examples, exit codes."""

DESCRIPTION = """\
Starts a LiveKit voice agent, calls it with real speech, records memory, log and what callers hear, and
says whether the release may ship."""

EPILOG = """\
examples:
  voicegate init                            write gate.toml for the agent in this folder
  voicegate doctor                          check that a run is possible; starts nothing
  voicegate verify --scenario short         a quick look at the agent of gate.toml
  voicegate verify                          the full scenario
  voicegate verify --scenario conversation  how the agent takes turns: interruptions, noises, pauses, silence
  voicegate verify --gate my-agent.toml     the agent of another gate file
  voicegate soak --for 2h                   one call after another, for two hours
  voicegate load -u 5 -t 2m                 five callers at a time for two minutes, with Locust
  voicegate capacity                        how many calls can talk at once, and what prevents more
  voicegate verify --repeat 10              ten runs, and how much they differ
  voicegate judge reports/out/latest/recording.jsonl
                                            judge a recording again, without running anything
  voicegate judge recording.jsonl -k "C5 or C6"
                                            only some criteria (an expression as for pytest -k)
  voicegate compare reports/out/A reports/out/B
                                            which differences between two runs are larger than noise
  voicegate trend                           how the figures changed over the last runs
  voicegate profile                         which lines of the agent hold memory, and what each call adds
  voicegate prove tests/mutants/prove.toml  test the gate itself: does every broken agent fail, for the right reason?
  voicegate simulate --only C6 --runs 100   how often a criterion is wrong, on simulated runs

in a checkout of this project:
  nox -s verify -- --isolation thread       options go after the two dashes

exit codes:
  0  every criterion that was run passed; doctor: ready; capacity: enough calls hold; profile: made; init: written
  1  a criterion failed; capacity: too few calls hold; simulate: a rate is not reached
  2  wrong usage: options, gate file, no such recording; init: no agent found, or the file exists already
  3  something could not be measured or written, and no criterion failed; doctor: not ready"""
