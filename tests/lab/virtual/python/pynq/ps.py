"""ps.py - the clocks of the programmable logic; the PLL rounds"""
import emulated


class Fclk:
    def __init__(self, number):
        self.name = "fclk%d" % number

    def __get__(self, obj, owner):
        return float(emulated.keep(self.name) or 100.0)

    def __set__(self, obj, mhz):
        emulated.keep(self.name, mhz - 0.00001 * mhz)


class Meta(type):
    fclk0_mhz = Fclk(0)
    fclk2_mhz = Fclk(2)


class Clocks(metaclass=Meta):
    pass
