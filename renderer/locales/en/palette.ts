// English of the command palette and its help.
export default {
  palette: {
    title: 'Go to anything',
    input: 'Page, cluster, or name of an object',
    pages: 'Pages',
    actions: 'Actions',
    clusters: 'Clusters',
    objects: 'Objects',
    none: 'Nothing is called so',
    open: 'Find',
    help: 'Ctrl K opens this · / searches the page · ↑ ↓ choose · Enter goes there · Esc closes',
  },
};
