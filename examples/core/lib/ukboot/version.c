// SPDX-License-Identifier: Apache-2.0
// By itself, so that another time of building changes one object.
#include <uk/boot.h>

const char uk_version[] = UK_FULLVERSION " (" UK_CODENAME ")";
const char uk_build_time[] = UK_BUILT;
