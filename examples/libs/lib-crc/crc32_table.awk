# SPDX-License-Identifier: Apache-2.0
# The CRC of every byte, for the polynomial of Ethernet and gzip, as text for a C array.
# There is no exclusive or in POSIX awk, so numbers go bit by bit.
function exclusive_or(a, b,    bit, result, i) {
	bit = 1
	result = 0
	for (i = 0; i < 32; i++) {
		if (a % 2 != b % 2)
			result += bit
		a = int(a / 2)
		b = int(b / 2)
		bit *= 2
	}
	return result
}

# Two halves, as not every awk prints numbers above 2^31 in hexadecimal.
function hexadecimal(n) {
	return sprintf("0x%04x%04x", int(n / 65536), n % 65536)
}

BEGIN {
	polynomial = 3988292384  # 0xedb88320
	for (byte = 0; byte < 256; byte++) {
		crc = byte
		for (i = 0; i < 8; i++)
			crc = crc % 2 ? exclusive_or(int(crc / 2), polynomial) : crc / 2
		printf "%s,%s", hexadecimal(crc), byte % 6 == 5 ? "\n" : " "
	}
	print ""
}
