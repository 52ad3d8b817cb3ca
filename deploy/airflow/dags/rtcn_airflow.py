"""The names of Airflow 3 and of Airflow 2.10 under which the DAGs know them."""

try:
    from airflow.sdk import DAG, Asset, CronDataIntervalTimetable, Param, task, task_group
    from airflow.sdk.exceptions import AirflowException, AirflowFailException
except ImportError:
    from airflow import DAG
    from airflow.datasets import Dataset as Asset
    from airflow.decorators import task, task_group
    from airflow.exceptions import AirflowException, AirflowFailException
    from airflow.models.param import Param
    from airflow.timetables.interval import CronDataIntervalTimetable

try:
    from airflow.providers.standard.operators.empty import EmptyOperator
    from airflow.providers.standard.operators.python import ShortCircuitOperator
except ImportError:
    from airflow.operators.empty import EmptyOperator
    from airflow.operators.python import ShortCircuitOperator

__all__ = ["DAG", "AirflowException", "AirflowFailException", "Asset", "CronDataIntervalTimetable", "EmptyOperator", "Param",
           "ShortCircuitOperator", "task", "task_group"]
