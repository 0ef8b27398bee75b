/* cutstate.c - states that a power cut may leave */
#include "tests/durability/cutstate.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/archive/made.h"

#define SECTOR 512

enum loss {
    LOSS_ALL,
    LOSS_SUFFIX,
    LOSS_SECTORS,
    LOSS_DATA, /* the size is there, the data is zeros */
    LOSS_NONE,
    LOSSES
};

static void size_set(struct buf *content, size_t len)
{
    while (content->len < len)
        buf_put_u8(content, 0);
    content->len = len;
}

/* Do a write, whole. */
static void write_do(struct buf *content, const struct io_event *event)
{
    size_t end = (size_t)event->offset + event->data.len;

    if (content->len < end)
        size_set(content, end);
    if (event->data.len)
        memcpy(content->data + event->offset, event->data.data,
               event->data.len);
}

static void change_do(struct buf *content, const struct io_event *event)
{
    if (event->kind == IO_WRITE)
        write_do(content, event);
    else if (event->kind == IO_TRUNCATE)
        size_set(content, (size_t)event->offset);
}

/* A write of which each sector may have reached the disk or not. */
static void write_torn(struct buf *content, const struct io_event *event,
                       uint64_t *random)
{
    size_t at = (size_t)event->offset, end = at + event->data.len;

    if (content->len < end)
        size_set(content, end);
    while (at < end) {
        size_t next = (at / SECTOR + 1) * SECTOR;

        if (next > end)
            next = end;
        if (made_random(random) % 2)
            memcpy(content->data + at,
                   event->data.data + (at - (size_t)event->offset), next - at);
        at = next;
    }
}

static bool is_change(const struct io_event *event, int file)
{
    return event->file == file &&
           (event->kind == IO_WRITE || event->kind == IO_TRUNCATE);
}

/* What is left of one file. */
static void file_make(size_t cut, int file, uint64_t *random,
                      struct buf *content)
{
    enum loss loss = (enum loss)(made_random(random) % LOSSES);
    size_t synced = 0, pending = 0, keep;

    for (size_t i = 0; i < cut; i++)
        if (iolog_at(i)->file == file && iolog_at(i)->kind == IO_SYNC)
            synced = i;
    for (size_t i = 0; i < cut; i++) {
        if (!is_change(iolog_at(i), file))
            continue;
        if (i < synced)
            change_do(content, iolog_at(i));
        else
            pending++;
    }
    keep = loss == LOSS_NONE ? pending
           : loss == LOSS_SUFFIX && pending
               ? (size_t)(made_random(random) % (pending + 1))
               : 0;
    for (size_t i = synced; i < cut; i++) {
        const struct io_event *event = iolog_at(i);

        if (!is_change(event, file))
            continue;
        if (keep) {
            keep--;
            change_do(content, event);
        } else if (loss == LOSS_SECTORS && event->kind == IO_WRITE) {
            write_torn(content, event, random);
        } else if (loss == LOSS_DATA && event->kind == IO_WRITE &&
                   content->len < event->offset + event->data.len) {
            size_set(content, (size_t)event->offset + event->data.len);
        }
    }
}

static void name_drop(struct cutstate *state, const char *name)
{
    for (size_t i = 0; i < state->names_len; i++) {
        if (strcmp(state->names[i], name) != 0)
            continue;
        state->names_len--;
        memmove(state->names[i], state->names[state->names_len], IOLOG_NAME);
        state->files[i] = state->files[state->names_len];
        return;
    }
}

static void name_put(struct cutstate *state, const char *name, int file)
{
    name_drop(state, name);
    if (state->names_len >= CUTSTATE_NAMES)
        abort();
    snprintf(state->names[state->names_len], IOLOG_NAME, "%s", name);
    state->files[state->names_len++] = file;
}

static bool is_entry(const struct io_event *event)
{
    return event->kind == IO_CREATE || event->kind == IO_RENAME ||
           event->kind == IO_UNLINK;
}

/* Names: up to the last sync of the folder, and some way beyond. */
static void names_make(size_t cut, uint64_t *random, struct cutstate *state)
{
    size_t synced = 0, pending = 0, keep;

    for (size_t i = 0; i < cut; i++)
        if (iolog_at(i)->kind == IO_SYNC_DIR)
            synced = i;
    for (size_t i = synced; i < cut; i++)
        pending += is_entry(iolog_at(i));
    keep = (size_t)(made_random(random) % (pending + 1));
    for (size_t i = 0; i < cut; i++) {
        const struct io_event *event = iolog_at(i);

        if (!is_entry(event) || (i >= synced && !keep))
            continue;
        if (i >= synced)
            keep--;
        if (event->kind == IO_RENAME || event->kind == IO_UNLINK)
            name_drop(state, event->name);
        if (event->kind != IO_UNLINK)
            name_put(state, event->kind == IO_RENAME ? event->to : event->name,
                     event->file);
    }
}

void cutstate_make(size_t cut, uint64_t *random, struct cutstate *ret_state)
{
    memset(ret_state, 0, sizeof(*ret_state));
    ret_state->published = -1;
    names_make(cut, random, ret_state);
    for (size_t i = 0; i < ret_state->names_len; i++)
        file_make(cut, ret_state->files[i], random,
                  &ret_state->content[ret_state->files[i]]);
    for (size_t i = 0; i < cut; i++) {
        if (iolog_at(i)->kind == IO_ACK)
            ret_state->acked = iolog_at(i)->offset;
        if (iolog_at(i)->kind == IO_PUBLISHED)
            ret_state->published = iolog_at(i)->file;
    }
}

void cutstate_free(struct cutstate *state)
{
    for (size_t i = 0; i < IOLOG_FILES; i++)
        buf_free(&state->content[i]);
}

int cutstate_find(const struct cutstate *state, const char *name)
{
    for (size_t i = 0; i < state->names_len; i++)
        if (!strcmp(state->names[i], name))
            return state->files[i];
    return -1;
}
