"""driver_base.py - FINN's overlay, emulated: a published row's numbers"""
import json

import emulated

EXECUTION_S = 0.02  # what a call takes of the host, more than the fabric


class FINNExampleOverlay:
    def __init__(self, bitfile_name, platform, io_shape_dict, batch_size,
                 fclk_mhz=100.0, runtime_weight_dir=""):
        with open("model.json") as file:
            model = json.load(file)
        self.batch_size, self.fclk_mhz = batch_size, fclk_mhz
        self.row = emulated.row(
            precision=model["precision"], batch=batch_size,
            pruning_percent="%g" % model["pruning_factor_pct"])
        if not self.row:
            raise RuntimeError("Failed to allocate Memory!")
        emulated.busy(2, self.row["base_w"], self.row["idle_w"])
        emulated.hurry()

    def throughput_test(self):
        emulated.run(EXECUTION_S, self.row)
        ms = 1000 * self.batch_size / self.row["fps_comp"]
        mb_s = self.row["fps_comp"] * 784 / 1e6
        return {
            "runtime[ms]": ms,
            "throughput[images/s]": self.row["fps_comp"],
            "DRAM_in_bandwidth[MB/s]": mb_s,
            "DRAM_out_bandwidth[MB/s]": mb_s / 784,
            "fclk[mhz]": self.fclk_mhz,
            "batch_size": self.batch_size,
            "fold_input[ms]": 0.0,
            "pack_input[ms]": 0.0,
            "copy_input_data_to_device[ms]": 0.0,
            "copy_output_data_from_device[ms]": 0.0,
            "unpack_output[ms]": 0.0,
            "unfold_output[ms]": 0.0,
        }
