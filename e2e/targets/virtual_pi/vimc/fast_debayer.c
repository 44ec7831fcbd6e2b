// SPDX-License-Identifier: GPL-2.0-or-later
// In the place of vimc-debayer.c, which it includes: the same entity, with a debayer that an emulated
// processor can do at 1920x1080. The kernel's takes the mean of a window around each pixel, seconds
// for a frame; this one makes four equal pixels of each two by two of the sensor's. And it can stall, as
// cameras do: no frame then comes of it.

#define vimc_debayer_type vimc_slow_debayer_type
#include "vimc-debayer.c"
#undef vimc_debayer_type

static bool stalled;
module_param(stalled, bool, 0644);

static void debayer_row_pair(const u8 *upper, u8 *to, unsigned int width,
			     const enum vimc_debayer_rgb_colors order[2][2], bool bgr)
{
	const u8 *const lower = upper + width;
	const unsigned int bytes = width * 3;
	unsigned int x;
	u8 rgb[3];

	for (x = 0; x + 1 < width; x += 2, to += 6) {
		rgb[order[0][0]] = upper[x];
		rgb[order[0][1]] = upper[x + 1];
		rgb[order[1][0]] = lower[x];
		rgb[order[1][1]] = lower[x + 1];
		to[0] = to[3] = rgb[bgr ? 2 : 0];
		to[1] = to[4] = rgb[1];
		to[2] = to[5] = rgb[bgr ? 0 : 2];
		memcpy(to + bytes, to, 6);
	}
}

static void *fast_process_frame(struct vimc_ent_device *ved, const void *sink_frame)
{
	struct vimc_debayer_device *vdebayer = container_of(ved, struct vimc_debayer_device, ved);
	const struct vimc_pix_map *vpix = vimc_pix_map_by_code(vdebayer->hw.src_code);
	const unsigned int width = vdebayer->hw.size.width;
	unsigned int y;

	/* As the kernel's: an entity that is not streaming gives nothing. */
	if (!vdebayer->src_frame || stalled)
		return ERR_PTR(-EINVAL);
	/* Of more than 8 bits, or odd. */
	if (vdebayer->hw.sink_bpp != 1 || width % 2 || vdebayer->hw.size.height % 2)
		return vimc_debayer_process_frame(ved, sink_frame);

	for (y = 0; y < vdebayer->hw.size.height; y += 2)
		debayer_row_pair((const u8 *)sink_frame + y * width,
				 vdebayer->src_frame + y * width * 3, width,
				 vdebayer->hw.sink_pix_map->order,
				 vpix->pixelformat == V4L2_PIX_FMT_BGR24);
	return vdebayer->src_frame;
}

static struct vimc_ent_device *fast_add(struct vimc_device *vimc, const char *vcfg_name)
{
	struct vimc_ent_device *ved = vimc_slow_debayer_type.add(vimc, vcfg_name);

	if (!IS_ERR(ved))
		ved->process_frame = fast_process_frame;
	return ved;
}

const struct vimc_ent_type vimc_debayer_type = {
	.add = fast_add,
	.release = vimc_debayer_release
};
