/** Results of verifying a backup, kept beside its manifest, so that verifying never rewrites that. */
import { z } from 'zod';
import { verificationSchema, type Verification } from '../../shared/backups';
import { readJsonFile, writeJsonFile } from '../platform/json-file';
import type { BackupLocation } from './backup-location';

const kept = 20;

const fileSchema = z.object({ formatVersion: z.literal(1), verifications: z.array(verificationSchema) });

/** Newest first. A file that cannot be read counts as none: verifying again replaces it. */
export async function readVerifications(location: BackupLocation): Promise<Verification[]> {
  try {
    const file = await readJsonFile(location.verification, fileSchema, {
      absent: () => ({ formatVersion: 1 as const, verifications: [] }),
    });
    return file.verifications;
  } catch {
    return [];
  }
}

/** Puts a result before the earlier ones; durable. */
export async function addVerification(location: BackupLocation, verification: Verification): Promise<void> {
  const earlier = await readVerifications(location);
  const verifications = [verification, ...earlier].slice(0, kept);
  await writeJsonFile(location.verification, { formatVersion: 1, verifications });
}
