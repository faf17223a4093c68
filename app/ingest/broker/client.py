"""The MQTT client: paho's, and it reads to the end what a dying broker still said."""

import paho.mqtt.client as paho
from paho.mqtt.enums import MQTTErrorCode


class Client(paho.Client):
    """paho closes the socket as soon as a write fails, and forgets what waits in it to be read.

    A broker that ends without a word may have told senders that these messages have arrived, and its memory
    of them is gone: the copy in our socket is the last one.
    """

    def _packet_write(self) -> MQTTErrorCode:
        told = super()._packet_write()
        if told == MQTTErrorCode.MQTT_ERR_CONN_LOST:
            read = MQTTErrorCode.MQTT_ERR_SUCCESS
            while read == MQTTErrorCode.MQTT_ERR_SUCCESS:
                read = self._packet_read()
        return told
