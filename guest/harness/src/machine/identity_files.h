/* The files of the guest that say who it is. */
#ifndef AEGIS_IDENTITY_FILES_H
#define AEGIS_IDENTITY_FILES_H

enum identity_file { FILE_HOSTNAME, FILE_MACHINE_ID, FILE_HOSTS, FILE_RESOLVER, IDENTITY_FILES };

/* Sets the content of one, which is kept for later while no root is mounted. `content` is taken over. */
void identity_file_set(enum identity_file file, char *content);
/* The root has just been mounted: makes the files. */
void identity_files_prepare(void);

#endif
