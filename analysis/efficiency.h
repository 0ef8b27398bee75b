/* efficiency.h - measured against predicted and against peak, in percent */
#ifndef ANALYSIS_EFFICIENCY_H
#define ANALYSIS_EFFICIENCY_H

/* 100 * measured / predicted (the seed's efficiency, 100 % is the
 * prediction; of a ceiling or a peak the same way); NaN unless both are
 * positive. */
double efficiency_pct(double measured_fps, double predicted_fps);

/* Images per second if every operation ran at peak: peak / ops. */
double efficiency_peak_fps(double peak_op_s, double ops_image);

/* Joules per image of 'power_w' at 'fps', where no energy was integrated. */
double efficiency_energy_image_j(double power_w, double fps);

#endif
