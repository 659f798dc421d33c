// etcd's messages about members: status, alarms, the member list and snapshots (etcd 3.4, rpc.proto).
import { MessageReader, MessageWriter } from './wire.ts';

export interface MemberStatus {
  readonly clusterId: string;
  readonly memberId: string;
  readonly version: string;
  readonly dbSizeBytes: number;
  readonly dbInUseBytes: number;
  /** '0' without a leader. */
  readonly leaderId: string;
  /** The newest entry of the log it knows of, and the newest it has applied. */
  readonly raftIndex: number;
  readonly appliedIndex: number;
  readonly errors: readonly string[];
}

export function decodeStatus(message: Buffer): MemberStatus {
  const reader = new MessageReader(message);
  const errors: string[] = [];
  let ids = { clusterId: '0', memberId: '0' };
  let version = '';
  let dbSizeBytes = 0;
  let dbInUseBytes = 0;
  let leaderId = '0';
  let raftIndex = 0;
  let appliedIndex = 0;
  while (reader.next()) {
    if (reader.field === 1) ids = idsOf(reader.message());
    else if (reader.field === 2) version = reader.text();
    else if (reader.field === 3) dbSizeBytes = reader.number();
    else if (reader.field === 4) leaderId = reader.id();
    else if (reader.field === 5) raftIndex = reader.number();
    else if (reader.field === 7) appliedIndex = reader.number();
    else if (reader.field === 8) errors.push(reader.text());
    else if (reader.field === 9) dbInUseBytes = reader.number();
  }
  return { ...ids, version, dbSizeBytes, dbInUseBytes, leaderId, raftIndex, appliedIndex, errors };
}

function idsOf(header: MessageReader): Pick<MemberStatus, 'clusterId' | 'memberId'> {
  const ids = { clusterId: '0', memberId: '0' };
  while (header.next()) {
    if (header.field === 1) ids.clusterId = header.id();
    else if (header.field === 2) ids.memberId = header.id();
  }
  return ids;
}

/** Names by member ID, and by the hosts that clients find the member at. */
export function decodeMemberNames(message: Buffer): { byId: Map<string, string>; byHost: Map<string, string> } {
  const byId = new Map<string, string>();
  const byHost = new Map<string, string>();
  const reader = new MessageReader(message);
  while (reader.next()) {
    if (reader.field !== 2) continue;
    const member = reader.message();
    let id = '0';
    let name = '';
    const urls: string[] = [];
    while (member.next()) {
      if (member.field === 1) id = member.id();
      else if (member.field === 2) name = member.text();
      else if (member.field === 4) urls.push(member.text());
    }
    byId.set(id, name);
    for (const url of urls) if (name !== '' && URL.canParse(url)) byHost.set(new URL(url).host, name);
  }
  return { byId, byHost };
}

export const alarms = { none: 0, noSpace: 1 } as const;
export const alarmActions = { get: 0, deactivate: 2 } as const;

/** About every member. */
export function encodeAlarm(action: number, alarm: number): Buffer {
  const writer = new MessageWriter();
  writer.number(3, alarm);
  writer.number(1, action);
  return writer.finish();
}

/** How many alarms are raised. */
export function decodeAlarmCount(message: Buffer): number {
  const reader = new MessageReader(message);
  let count = 0;
  while (reader.next()) if (reader.field === 2) count++;
  return count;
}

/** One piece of a snapshot. */
export function decodeSnapshotPiece(message: Buffer): Buffer {
  const reader = new MessageReader(message);
  while (reader.next()) if (reader.field === 3) return reader.bytes();
  return Buffer.alloc(0);
}
