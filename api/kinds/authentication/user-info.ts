// UserInfo: who somebody is: name, groups and further facts.
import { atomicList, define, list, map, string } from '../../schema/vocabulary.ts';

export class UserInfo extends define('io.k8s.api.authentication.v1.UserInfo', {
  extra: map(list(string)),
  groups: atomicList(string),
  uid: string,
  username: string,
}) {}
