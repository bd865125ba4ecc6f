// SPDX-License-Identifier: Apache-2.0
// printf's language: %d %i %u %x %X %o %c %s %p %%, with flags `-0+ #`, width, precision and
// the lengths hh h l ll z t j.
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uk/essentials.h>

struct output {
	char *buffer;
	size_t size, length;
};

struct spec {
	bool left, zero, plus, space, alternate;
	int width, precision;  // -1: none
	char conversion;
};

static void emit(struct output *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++, out->length++)
		if (out->length + 1 < out->size)
			out->buffer[out->length] = text[i];
}

static void repeat(struct output *out, char c, int count)
{
	for (; count > 0; count--)
		emit(out, &c, 1);
}

static void emit_text(struct output *out, const struct spec *spec, const char *text)
{
	size_t most = spec->precision >= 0 ? (size_t)spec->precision : (size_t)-1;
	size_t length;

	text = text ? text : "(null)";
	length = strnlen(text, most);
	if (!spec->left)
		repeat(out, ' ', spec->width - (int)length);
	emit(out, text, length);
	if (spec->left)
		repeat(out, ' ', spec->width - (int)length);
}

static void emit_number(struct output *out, const struct spec *spec, uint64_t value, const char *prefix)
{
	const char *digits = spec->conversion == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	unsigned int base = spec->conversion == 'o' ? 8 :
		spec->conversion == 'x' || spec->conversion == 'X' || spec->conversion == 'p' ? 16 : 10;
	char text[24];
	int length = 0, zeros, padding;

	for (; value; value /= base)
		text[sizeof(text) - (size_t)++length] = digits[value % base];
	zeros = (spec->precision >= 0 ? spec->precision : 1) - length;
	zeros = zeros > 0 ? zeros : 0;
	padding = spec->width - length - zeros - (int)strlen(prefix);
	if (spec->zero && !spec->left && spec->precision < 0 && padding > 0) {
		zeros += padding;
		padding = 0;
	}
	if (!spec->left)
		repeat(out, ' ', padding);
	emit(out, prefix, strlen(prefix));
	repeat(out, '0', zeros);
	emit(out, text + sizeof(text) - length, (size_t)length);
	if (spec->left)
		repeat(out, ' ', padding);
}

static const char *read_number(const char *p, int *number, va_list *args)
{
	if (*p == '*') {
		*number = va_arg(*args, int);
		return p + 1;
	}
	for (*number = 0; *p >= '0' && *p <= '9'; p++)
		*number = *number * 10 + *p - '0';
	return p;
}

static const char *read_spec(const char *p, struct spec *spec, va_list *args)
{
	*spec = (struct spec){.precision = -1};
	for (;; p++) {
		if (*p == '-')
			spec->left = true;
		else if (*p == '0')
			spec->zero = true;
		else if (*p == '+')
			spec->plus = true;
		else if (*p == ' ')
			spec->space = true;
		else if (*p == '#')
			spec->alternate = true;
		else
			break;
	}
	p = read_number(p, &spec->width, args);
	if (spec->width < 0) {
		spec->left = true;
		spec->width = -spec->width;
	}
	return *p == '.' ? read_number(p + 1, &spec->precision, args) : p;
}

// `shorts` counts the letters h before the conversion.
static void format_integer(struct output *out, const struct spec *spec, bool wide, int shorts, va_list *args)
{
	bool is_signed = spec->conversion == 'd' || spec->conversion == 'i';
	uint64_t raw = wide ? va_arg(*args, uint64_t) : va_arg(*args, unsigned int);
	int64_t value = wide ? (int64_t)raw : shorts > 1 ? (signed char)raw : shorts ? (short)raw : (int)raw;

	if (is_signed) {
		const char *prefix = value < 0 ? "-" : spec->plus ? "+" : spec->space ? " " : "";

		emit_number(out, spec, value < 0 ? -(uint64_t)value : (uint64_t)value, prefix);
		return;
	}
	if (!wide && shorts)
		raw &= shorts > 1 ? 0xff : 0xffff;
	emit_number(out, spec, raw, !spec->alternate || raw == 0 ? "" :
		spec->conversion == 'x' ? "0x" : spec->conversion == 'X' ? "0X" :
		spec->conversion == 'o' ? "0" : "");
}

static const char *format_one(struct output *out, const char *p, va_list *args)
{
	struct spec spec;
	bool wide = false;
	int shorts = 0;
	char c;

	p = read_spec(p, &spec, args);
	for (; *p && strchr("hlztj", *p); p++) {
		wide |= *p != 'h';
		shorts += *p == 'h';
	}
	spec.conversion = *p;
	switch (*p) {
	case '\0':
		return p;
	case 'c':
		c = (char)va_arg(*args, int);
		repeat(out, ' ', spec.left ? 0 : spec.width - 1);
		emit(out, &c, 1);
		repeat(out, ' ', spec.left ? spec.width - 1 : 0);
		break;
	case 's':
		emit_text(out, &spec, va_arg(*args, const char *));
		break;
	case 'p':
		emit_number(out, &spec, (uintptr_t)va_arg(*args, void *), "0x");
		break;
	case 'd':
	case 'i':
	case 'o':
	case 'u':
	case 'x':
	case 'X':
		format_integer(out, &spec, wide, shorts, args);
		break;
	default:
		emit(out, p, 1);
	}
	return p + 1;
}

int vsnprintf(char *buffer, size_t size, const char *format, va_list args)
{
	struct output out = {buffer, size, 0};
	va_list rest;

	va_copy(rest, args);
	while (*format) {
		size_t plain = 0;

		while (format[plain] && format[plain] != '%')
			plain++;
		emit(&out, format, plain);
		format += plain;
		if (*format)
			format = format_one(&out, format + 1, &rest);
	}
	va_end(rest);
	if (size)
		buffer[MIN(out.length, size - 1)] = '\0';
	return (int)out.length;
}

int snprintf(char *buffer, size_t size, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(buffer, size, format, args);
	va_end(args);
	return length;
}
