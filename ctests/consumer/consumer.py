# The library from Python. Its own message says why; nothing is sent for a VLAN that is none.
import ctypes
library = ctypes.CDLL("libvirnetdevvf.so.0")
library.virNetDevVfLastError.restype = ctypes.c_char_p
result = library.virNetDevSetVfVlan(b"lo", 0, ctypes.byref(ctypes.c_int(4096)))
print(result, library.virNetDevVfLastError().decode())
