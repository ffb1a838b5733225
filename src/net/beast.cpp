// Boost.Beast's own definitions, compiled once for the whole program.
#include <boost/beast/src.hpp>
