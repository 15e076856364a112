# The library from Python. Its own message says why; nothing is sent for a VLAN that is none.
import ctypes

library = ctypes.CDLL("libvirnetdevvf.so.0")
library.virNetDevVfLastError.restype = ctypes.c_char_p
result = library.virNetDevSetVfVlan(b"lo", 0, ctypes.byref(ctypes.c_int(4096)))
print(result, library.virNetDevVfLastError().decode())
# What a VF has: the MAC and the VLAN are written to memory of the caller's. lo has no VFs.
mac, vlan = (ctypes.c_ubyte * 6)(), ctypes.c_int()
result = library.virNetDevGetVfConfig(b"lo", 0, mac, ctypes.byref(vlan))
print(result, bytes(mac).hex(":") if result == 0 else library.virNetDevVfLastError().decode())
