// Stands in, in the bundled agent, for modules that dockerode loads but this agent never calls: gRPC (BuildKit) and SSH
// (remote Docker hosts). The agent speaks to a local socket only.
export default {};
