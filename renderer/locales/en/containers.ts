// English of terminals, files and port-forwards.
export default {
  terminal: {
    label: 'Terminal in {name}',
    open: 'Shell in {name}',
    ended: 'The shell has ended ({code})',
    again: 'Open again',
  },
  files: {
    up: 'To the folder above',
    put: 'Put files here…',
    take: 'Save {name}',
    enter: 'Open {name}',
    none: 'This folder is empty',
    readFailed: '{name} could not be read',
    written: '{name} is in the container',
    writeFailed: '{name} could not be written',
    tooLarge: 'Files up to {size} can be moved here.',
  },
  forwards: {
    open: 'Forward a port',
    openTitle: 'Forward a port of {name}',
    openText: 'It can then be reached from this computer alone, until you close it.',
    opened: 'Open at {address}',
    port: 'Port of the pod',
    localPort: 'Port here',
    here: 'Here',
    there: 'There',
    connections: 'Connections',
    bytes: 'Sent · received',
    none: 'No port is forwarded',
    noneText: 'Open one on the page of a pod.',
  },
};
