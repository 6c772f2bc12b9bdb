/* The files with the guest's identity. */
#ifndef AEGIS_IDENTITY_FILES_H
#define AEGIS_IDENTITY_FILES_H

enum identity_file { FILE_HOSTNAME, FILE_MACHINE_ID, FILE_HOSTS, FILE_RESOLVER, IDENTITY_FILES };

/* Sets the content of a file, and takes ownership of it. It is kept until the root is mounted. */
void identity_file_set(enum identity_file file, char *content);
/* Creates the files; the root has just been mounted. */
void identity_files_prepare(void);

#endif
