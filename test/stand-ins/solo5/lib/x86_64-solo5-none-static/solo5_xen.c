#include "bindings.h"
