"""Advisory locks of a warehouse; their keys are part of the protocol between processes."""

# Shared by every chunk from before it draws its load_id until its commit; exclusive for the
# instant in which a build reads its watermark. So a build sees every load below it.
LANDING_LOCK = 0x43B0_0001
# Held by the one build that may run.
BUILD_LOCK = 0x43B0_0002
# Held by the one process that applies migrations.
MIGRATION_LOCK = 0x43B0_0003
# With a hash of an object's id as second key: held by the loader that lands the object.
OBJECT_LOCKS = 0x43B0_0004
# With a hash of a source's name as second key: held by the loader that reads its stream.
STREAM_LOCKS = 0x43B0_0005
# With a hash of source and name of an object as second key: held by the loader that lands a
# version of it, from before it looks where that begins.
NAME_LOCKS = 0x43B0_0006
