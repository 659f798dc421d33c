// What discovery answers: groups, versions and resources.
import { atomicList, boolean, define, list, required, string } from '../../schema/vocabulary.ts';

export class GroupVersionForDiscovery extends define('io.k8s.apimachinery.pkg.apis.meta.v1.GroupVersionForDiscovery', {
  groupVersion: required(string),
  version: required(string),
}) {}

export class ServerAddressByClientCIDR extends define(
  'io.k8s.apimachinery.pkg.apis.meta.v1.ServerAddressByClientCIDR',
  {
    clientCIDR: required(string),
    serverAddress: required(string),
  },
) {}

export class APIGroup extends define('io.k8s.apimachinery.pkg.apis.meta.v1.APIGroup', {
  apiVersion: string,
  kind: string,
  name: required(string),
  preferredVersion: GroupVersionForDiscovery,
  serverAddressByClientCIDRs: atomicList(ServerAddressByClientCIDR),
  versions: required(atomicList(GroupVersionForDiscovery)),
}) {}

export class APIGroupList extends define('io.k8s.apimachinery.pkg.apis.meta.v1.APIGroupList', {
  apiVersion: string,
  groups: required(atomicList(APIGroup)),
  kind: string,
}) {}

export class APIResource extends define('io.k8s.apimachinery.pkg.apis.meta.v1.APIResource', {
  categories: atomicList(string),
  group: string,
  kind: required(string),
  name: required(string),
  namespaced: required(boolean),
  shortNames: atomicList(string),
  singularName: required(string),
  storageVersionHash: string,
  verbs: required(list(string)),
  version: string,
}) {}

export class APIResourceList extends define('io.k8s.apimachinery.pkg.apis.meta.v1.APIResourceList', {
  apiVersion: string,
  groupVersion: required(string),
  kind: string,
  resources: required(atomicList(APIResource)),
}) {}

export class APIVersions extends define('io.k8s.apimachinery.pkg.apis.meta.v1.APIVersions', {
  apiVersion: string,
  kind: string,
  serverAddressByClientCIDRs: required(atomicList(ServerAddressByClientCIDR)),
  versions: required(atomicList(string)),
}) {}
